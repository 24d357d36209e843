"""What approvals announce. subject: the approval's id; facts: operation, tier, maker_id."""

SUBMITTED = "approvals:approval:submitted"
APPROVED = "approvals:approval:approved"
REJECTED = "approvals:approval:rejected"
WITHDRAWN = "approvals:approval:withdrawn"
EXPIRED = "approvals:approval:expired"
