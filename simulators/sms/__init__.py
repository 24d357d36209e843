"""A firm that carries text messages, and the phones that receive them."""
