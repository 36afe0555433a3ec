"""The command line, and what Dagster is given to run."""

import os

# Matrices are small here: more threads would only wait for each other. Read when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
