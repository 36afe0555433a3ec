"""A made-up employer with known disparities: records to try the pipeline on, and the true effects to judge it by.

organisation.py describes the employer and the effects built in; generate.py draws its applicants, workforce.py its
staff; files.py writes them. history.py draws monthly counts around a programme, with and without an effect. No real
people are in it.
"""

from equity_audit.synthetic.files import write, write_workforce
from equity_audit.synthetic.generate import SyntheticExtracts, generate, to_long
from equity_audit.synthetic.workforce import generate_workforce

__all__ = ["SyntheticExtracts", "generate", "generate_workforce", "to_long", "write", "write_workforce"]
