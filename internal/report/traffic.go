package report

import (
	"c1m/internal/format"
	"c1m/internal/result"
)

// traffic is what connections carry that is not the default: part of a load.
type traffic struct {
	busy int
	idle bool
	push pushed

	churn    float64
	storm    bool
	pipeline int // requests in flight on each connection, where not 1
}

func trafficOf(c result.Cell) traffic {
	return traffic{busy: c.Busy, idle: c.Idle, pipeline: c.Pipeline, churn: c.Churn, storm: c.Storm, push: pushedOf(c)}
}

// carriers are the connections with what part of them carries requests.
func (t traffic) carriers(conns int) string {
	text := connections(conns)
	if t.busy > 0 {
		text += ", " + format.Grouped(t.busy) + " busy"
	}
	return text
}

// manner is how the busy connections carry them.
func (t traffic) manner() string {
	text := ""
	for _, word := range (traffic{pipeline: t.pipeline, churn: t.churn, storm: t.storm, push: t.push}).words() {
		text += " · " + word
	}
	return text
}

// words are what the connections carry, as far as it is not the default.
func (t traffic) words() []string {
	words := t.push.words()
	if t.idle {
		words = append(words, "idle")
	}
	if t.busy > 0 {
		words = append(words, format.Grouped(t.busy)+" busy")
	}
	if t.pipeline > 1 {
		words = append(words, format.Exact(t.pipeline)+" in flight each")
	}
	if t.churn > 0 {
		words = append(words, format.Chosen(t.churn)+" reopened")
	}
	if t.storm {
		words = append(words, "all reopened in mid-window")
	}
	return words
}

// short is what tells the traffic from another's.
func (t traffic) short() []string {
	parts := t.push.short()
	if t.busy > 0 {
		parts = append(parts, format.Exact(t.busy)+"busy")
	}
	if t.pipeline > 1 {
		parts = append(parts, format.Exact(t.pipeline)+"deep")
	}
	if t.churn > 0 {
		parts = append(parts, "churn"+format.Chosen(t.churn))
	}
	if t.storm {
		parts = append(parts, "storm")
	}
	if t.idle {
		parts = append(parts, "idle")
	}
	return parts
}
