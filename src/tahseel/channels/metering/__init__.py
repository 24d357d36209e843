"""The screens of metering: reads that failed a rule, and every interval of a meter as a curve."""
