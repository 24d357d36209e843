"""What notices announce.

`SERVED`: subject the notice's id; facts: kind, channel, about (the notice's subject), reference,
recipient_customer_id, served_on (ISO day), delivery_id. Announced once, with the first proof.
"""

SERVED = "notices:notice:served"
