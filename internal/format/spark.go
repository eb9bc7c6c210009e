package format

// The marks of a sparkline: heights, and a place without a value.
const (
	heights = "▁▂▃▄▅▆▇█"
	Gap     = "·"
)

// Height returns the mark of a sparkline for a share of its height, 0 to 1.
func Height(share float64) rune {
	levels := []rune(heights)
	return levels[min(len(levels)-1, max(0, int(share*float64(len(levels)))))]
}
