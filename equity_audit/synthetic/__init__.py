"""A made-up employer with known disparities: records to try the pipeline on, and the truth to judge it by.

organisation.py says what the employer is like and which effects are put in; generate.py draws people from it; files.py
writes them. history.py draws monthly counts around a programme, with and without an effect. Nobody real is in it.
"""

from equity_audit.synthetic.files import write
from equity_audit.synthetic.generate import SyntheticExtracts, generate, to_long

__all__ = ["SyntheticExtracts", "generate", "to_long", "write"]
