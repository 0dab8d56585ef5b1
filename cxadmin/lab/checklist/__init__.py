"""The integration checklist: how far a tenant is with each documented procedure, and a connection test.

`facts` reads what there is, `procedures` says what it means step by step, `trial` sends the test request.
"""
