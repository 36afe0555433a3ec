"""A made-up employer with known disparities: records to try the pipeline on, and the truth to judge it by.

organisation.py says what the employer is like and which effects are put in; generate.py draws applicants from it,
workforce.py its staff; files.py writes them. history.py draws monthly counts around a programme, with and without an
effect. Nobody real is in it.
"""

from equity_audit.synthetic.files import write, write_workforce
from equity_audit.synthetic.generate import SyntheticExtracts, generate, to_long
from equity_audit.synthetic.workforce import generate_workforce

__all__ = ["SyntheticExtracts", "generate", "generate_workforce", "to_long", "write", "write_workforce"]
