"""What decides: decision tables, and what can be said of them before they do.

`geometry` finds gaps, overlaps and rows that never hit; `tracing` says why a row hit and the others did not; `exchange`
brings tables to spreadsheets and DMN and back.
"""
