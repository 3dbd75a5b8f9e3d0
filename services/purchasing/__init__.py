"""Purchasing 采购部: from a material list to goods at the gate, by the rules of buying."""
