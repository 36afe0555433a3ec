"""Did the programme work? Change over time, variation between units, workforce and survey, from counts alone.

What is said is about what changed and how surely, never about why: no function here knows a cause or an intent.
"""
