"""Whether a programme worked, judged only from counts.

Results say what changed and how certain that is, never why: no function here knows a cause or an intent.
"""
