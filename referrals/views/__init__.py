"""Pages of referrals: shape only, no rule."""
