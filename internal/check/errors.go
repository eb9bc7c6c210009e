package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"c1m/internal/format"
	"c1m/internal/result"
)

// kinds are the known kinds of errors, the most telling first.
var kinds = []string{
	result.ErrorUpgrade, result.ErrorWrong, result.ErrorUnasked, result.ErrorReset, result.ErrorClosed,
	result.ErrorTimeout, result.ErrorConnect, result.ErrorOther,
}

// errorFree: no reply was wrong, and no connection broke.
func errorFree(cell result.Cell, load result.Replica) result.Check {
	c := result.Check{Name: "errors", Verdict: result.OK, Value: "none", Limit: "none"}
	seen := kindsOf(load.Errors)
	if len(seen) == 0 {
		return c
	}
	var values []string
	for _, kind := range seen {
		values = append(values, strings.Join(nonEmpty(fmt.Sprintf("%d %s", load.Errors[kind], kind), after(load.Faults[kind])), " "))
	}
	c.Verdict, c.Value = result.Failed, strings.Join(values, ", ")
	c.Cure = cmp.Or(disconnected(cell, load), errorCure(load, seen[0]))
	return c
}

// kindsOf are the kinds that were counted, in the order of kinds, then of the
// alphabet.
func kindsOf(errors map[string]int64) []string {
	var seen []string
	for kind, n := range errors {
		if n != 0 {
			seen = append(seen, kind)
		}
	}
	rank := func(kind string) int {
		if i := slices.Index(kinds, kind); i >= 0 {
			return i
		}
		return len(kinds)
	}
	slices.SortFunc(seen, func(a, b string) int {
		return cmp.Or(rank(a)-rank(b), strings.Compare(a, b))
	})
	return seen
}

// after is when connections failed, by the replies they had had; empty where
// that was not recorded.
func after(f result.Fault) string {
	switch {
	case f.Connections <= 0:
		return ""
	case f.Most <= 0:
		return "before a reply"
	}
	return "after " + replies(f)
}

func replies(f result.Fault) string {
	text := fmt.Sprint(f.Most)
	if f.Least < f.Most {
		return fmt.Sprintf("%d to %d replies", f.Least, f.Most)
	}
	if text += " replies"; f.Most == 1 {
		text = "1 reply"
	}
	if f.Connections > 1 {
		text += " each"
	}
	return text
}

// errorCure says what was seen of a kind of errors, and what to change.
func errorCure(load result.Replica, kind string) string {
	f := load.Faults[kind]
	if f.Connections <= 0 { // a run file from before this was recorded
		if kind == result.ErrorUpgrade {
			return "check that the server at that address speaks WebSocket"
		}
		return ""
	}
	who := format.Plural(f.Connections, "connection")
	said := ""
	if f.Said != "" {
		said = " (" + f.Said + ")"
	}
	switch kind {
	case result.ErrorUpgrade:
		return upgradeCure(f.Said)
	case result.ErrorWrong:
		if f.Most == 0 {
			return "check that the server echoes what it is sent: its first reply was another" + said
		}
		return fmt.Sprintf("the server sent %s a wrong reply after %s%s: look for mixed up or reused buffers", who, replies(f), said)
	case result.ErrorUnasked:
		if f.Most == 0 && f.Idle > 0 {
			return "use a server that waits for a request: this one speaks first" + said
		}
		return fmt.Sprintf("the server sent %s more than they sent it%s: check that it echoes each message once", who, said)
	case result.ErrorReset, result.ErrorClosed:
		return closedCure(load)
	case result.ErrorTimeout:
		if load.Answered == 0 {
			return muteCure(load)
		}
		return fmt.Sprintf("use fewer connections, a lower rate or a longer -timeout: %s waited that long for a reply", who)
	case result.ErrorConnect:
		return fmt.Sprintf("see bench doctor and the server's backlog: dials failed%s", said)
	}
	return strings.TrimPrefix(said, " ")
}

// upgradeCure says what to change where the answer to a request to upgrade was
// this.
func upgradeCure(said string) string {
	refused := "the server refused the upgrade (" + said + ")"
	_, status, _ := strings.Cut(said, " ")
	code, _, _ := strings.Cut(status, " ")
	switch {
	case said == "" || !strings.HasPrefix(said, "HTTP/"):
		return "check that the server at that address speaks WebSocket" + strings.TrimSuffix(" ("+said+")", " ()")
	case strings.HasPrefix(code, "3"):
		return "give the address and -ws-path that it redirects to: " + refused
	case strings.HasPrefix(code, "401"), strings.HasPrefix(code, "403"):
		return "give the -header that it wants, such as Authorization, Cookie or Origin: " + refused
	case strings.HasPrefix(code, "404"):
		return "give the path of its WebSockets by -ws-path: " + refused
	}
	return "give the -ws-path, -ws-protocol and -header that it wants: " + refused
}

// closedCure is errorCure for connections that the server ended. Whether a
// client sees a reset or an end depends on what was on its way.
func closedCure(load result.Replica) string {
	f := load.Faults[result.ErrorClosed]
	f.Merge(load.Faults[result.ErrorReset])
	did := "it closed " + format.Plural(f.Connections, "connection")
	if f.Said != "" {
		did += " (" + f.Said + ")"
	}
	switch {
	case f.Idle == f.Connections:
		return "raise the server's idle timeout, or use a shorter -d: " + did + " without a request in flight"
	case f.Most == 0:
		return "check that the server at that address speaks " + protocol(load) + ": " + did + " before a reply"
	case f.Least == f.Most && f.Connections > 1: // of one, it may be chance
		return "raise the server's limit of requests per connection: " + did + " after " + replies(f)
	}
	return "look into the server's log: " + did + " after " + replies(f)
}

func protocol(load result.Replica) string {
	return "-proto " + cmp.Or(string(load.Workload.Protocol), "echo")
}

func nonEmpty(parts ...string) []string {
	return slices.DeleteFunc(parts, func(s string) bool { return s == "" })
}
