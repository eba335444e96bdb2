"""The view `inbox`: messages, statuses and conversations, and the identities behind them."""
