"""Ways of being paid by another firm's page. `interface` is the contract, each other file a firm.

Nothing here knows Django or the database: a gateway turns values into wire messages and back.
"""
