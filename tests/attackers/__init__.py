"""An attacker of other make: reads published files alone, and knows the publishing rule from docs/disclosure.md.

Nothing here may import equity_audit.disclosure: two programs that share a mistake agree about it. rule.py says what a
print leaves possible, editions.py reads files, *_system.py set out the sums, system.py holds them and solver.py asks a
constraint solver which whole numbers remain; published.py is what others call.
"""
