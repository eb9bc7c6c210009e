package stat

// UntilWidth is the alpha for the ratios of data that grew until their intervals were
// narrow enough. They are narrow a little too early, where the spread is estimated
// too small, so intervals of 95% would hold 92 to 95% of the time; those of 97% do
// so at least 94 to 95% of the time (TestUntilWidth). A look at every block costs no
// more than that: what decides is the width, and not the ratio.
const UntilWidth = 0.03
