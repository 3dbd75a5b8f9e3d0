"""Which facts does Accountability act on? All of them: the ledger reads its queue whole, so no fact has a handler here."""

consumers = None
