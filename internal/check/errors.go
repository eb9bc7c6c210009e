package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"c1m/internal/format"
	"c1m/internal/result"
)

// kinds lists the known kinds of errors, the most specific first.
var kinds = []string{
	result.ErrorUpgrade, result.ErrorWrong, result.ErrorUnasked, result.ErrorReset, result.ErrorClosed,
	result.ErrorTimeout, result.ErrorConnect, result.ErrorOther,
}

// errorFree: no reply is wrong, and no connection breaks.
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
	c.Fix = cmp.Or(disconnected(cell, load), errorFix(load, seen[0]))
	return c
}

// kindsOf returns the kinds that were counted, in the order of kinds, unknown
// ones last and sorted.
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

// after describes when connections failed, by the number of replies they had
// had; empty if that was not recorded.
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

// errorFix returns the fix for a kind of error, with what was seen.
func errorFix(load result.Replica, kind string) string {
	f := load.Faults[kind]
	if f.Connections <= 0 { // an older run file without this record
		if kind == result.ErrorUpgrade {
			return "check that the server at that address speaks WebSocket"
		}
		return ""
	}
	who := format.Plural(f.Connections, "connection")
	detail := ""
	if f.Detail != "" {
		detail = " (" + f.Detail + ")"
	}
	switch kind {
	case result.ErrorUpgrade:
		return upgradeFix(f.Detail)
	case result.ErrorWrong:
		if f.Most == 0 {
			return "check that the server echoes what it receives: its first reply differs" + detail
		}
		return fmt.Sprintf("check the server for mixed-up or reused buffers: it sent %s a wrong reply after %s%s", who, replies(f), detail)
	case result.ErrorUnasked:
		if f.Most == 0 && f.Idle > 0 {
			return "use a server that waits for a request: this one speaks first" + detail
		}
		return fmt.Sprintf("check that the server echoes each message once: it sent %s more than it received%s", who, detail)
	case result.ErrorReset, result.ErrorClosed:
		return closedFix(load)
	case result.ErrorTimeout:
		if load.Answered == 0 {
			return muteFix(load)
		}
		if f.Kept > 0 { // a connection that is kept may time out again: each time is another request
			who = format.Plural(f.Connections, "request")
		}
		return fmt.Sprintf("use fewer connections, a lower rate or a longer -timeout: %s waited that long for a reply", who)
	case result.ErrorConnect:
		return fmt.Sprintf("see bench doctor and the server's backlog: dials failed%s", detail)
	}
	return strings.TrimPrefix(detail, " ")
}

// upgradeFix returns the fix for an upgrade request that was answered with
// detail.
func upgradeFix(detail string) string {
	refused := "the server refused the upgrade (" + detail + ")"
	_, status, _ := strings.Cut(detail, " ")
	code, _, _ := strings.Cut(status, " ")
	switch {
	case detail == "" || !strings.HasPrefix(detail, "HTTP/"):
		return "check that the server at that address speaks WebSocket" + strings.TrimSuffix(" ("+detail+")", " ()")
	case strings.HasPrefix(code, "3"):
		return "use the address and -ws-path that it redirects to: " + refused
	case strings.HasPrefix(code, "401"), strings.HasPrefix(code, "403"):
		return "add the -header that it requires, such as Authorization, Cookie or Origin: " + refused
	case strings.HasPrefix(code, "404"):
		return "set -ws-path to the path of its WebSockets: " + refused
	}
	return "set the -ws-path, -ws-protocol and -header that it requires: " + refused
}

// closedFix is errorFix for connections that the server closed. Whether a
// client sees a reset or an end of stream depends on the data in flight.
func closedFix(load result.Replica) string {
	f := load.Faults[result.ErrorClosed]
	f.Merge(load.Faults[result.ErrorReset])
	did := "it closed " + format.Plural(f.Connections, "connection")
	if f.Detail != "" {
		did += " (" + f.Detail + ")"
	}
	switch {
	case f.Idle == f.Connections:
		return "raise the server's idle timeout, or use a shorter -d: " + did + " without a request in flight"
	case f.Most == 0:
		return "check that the server at that address speaks " + protocol(load) + ": " + did + " before a reply"
	case f.Least == f.Most && f.Connections > 1: // a single one may be chance
		return "raise the server's limit of requests per connection: " + did + " after " + replies(f)
	}
	return "see the server's log: " + did + " after " + replies(f)
}

func protocol(load result.Replica) string {
	return "-proto " + cmp.Or(string(load.Workload.Protocol), "echo")
}

func nonEmpty(parts ...string) []string {
	return slices.DeleteFunc(parts, func(s string) bool { return s == "" })
}
