"""Sentences that several definitions share, each written once."""

REPORTED = "Reported: the provider said what the call cost."
ANSWERED = "Comments answered with a posted reply."
EVERYBODY = "Of everybody, whatever the plan and team."
ERROR_RATE = (
    "Failed ÷ (answered + failed), of the comments that were to be answered. A failure ended "
    "without a reply and without a charge. Commands, refusals and invitations are in neither."
)
GROUNDED = (
    "Of the models' answers that name a value: those in which each one was among the facts given, "
    "at the first try."
)
