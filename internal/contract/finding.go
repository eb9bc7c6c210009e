//go:build linux

package contract

import (
	"errors"
	"fmt"
	"strings"
)

// Finding is how a server broke a clause.
type Finding struct {
	Case string `json:"case,omitempty"` // the number of Autobahn's case, where there is one
	Did  string `json:"did"`            // what was done
	Want string `json:"want"`           // what was expected
	Got  string `json:"got"`            // what came
}

// String is the finding as one sentence.
func (f Finding) String() string {
	text := fmt.Sprintf("%s; expected %s; %s.", f.Did, f.Want, f.Got)
	if f.Case != "" {
		text = f.Case + ": " + text
	}
	return text
}

// Findings is all that a clause has found, as an error.
type Findings []Finding

func (f Findings) Error() string {
	lines := make([]string, len(f))
	for i, one := range f {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}

// found is the error of one finding; got is an error or words.
func found(did, want string, got any) error {
	return Findings{{Did: did, Want: want, Got: fmt.Sprint(got)}}
}

// skip is the error of a clause that this machine, and not the server, keeps
// from being judged.
type skip string

func (s skip) Error() string { return string(s) }

// unjudged is the error of a clause whose own means failed.
type unjudged struct{ error }

// verdict is the result that an error of a clause means.
func (r *Result) verdict(err error) {
	var (
		findings Findings
		skipped  skip
	)
	switch {
	case err == nil:
		r.Verdict = Kept
	case errors.As(err, &findings):
		r.Verdict, r.Findings = Broken, findings
	case errors.As(err, &skipped):
		r.Verdict, r.Reason = Skipped, string(skipped)
	default:
		r.Verdict, r.Reason = Unknown, err.Error()
	}
}
