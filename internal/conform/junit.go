//go:build linux

package conform

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"time"

	"c1m/internal/contract"
	"c1m/internal/plain"
)

// The elements of JUnit's XML, as CI systems read it: a suite is a server in a
// protocol, a case is a clause.
type (
	suites struct {
		XMLName xml.Name `xml:"testsuites"`
		Suites  []suite  `xml:"testsuite"`
	}
	suite struct {
		Name     string     `xml:"name,attr"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Errors   int        `xml:"errors,attr"`
		Skipped  int        `xml:"skipped,attr"`
		Time     string     `xml:"time,attr"`
		Cases    []testcase `xml:"testcase"`
	}
	testcase struct {
		Class   string   `xml:"classname,attr"`
		Name    string   `xml:"name,attr"`
		Time    string   `xml:"time,attr"`
		Failure []reason `xml:"failure,omitempty"`
		Error   *reason  `xml:"error,omitempty"`
		Skipped *reason  `xml:"skipped,omitempty"`
	}
	reason struct {
		Message string `xml:"message,attr"`
	}
)

// AppendJUnit appends reports as one document of JUnit's XML.
func AppendJUnit(out *bytes.Buffer, reports []Report) error {
	var all suites
	for _, r := range reports {
		for _, row := range r.Rows {
			all.Suites = append(all.Suites, r.suite(row))
		}
	}
	text, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	out.WriteString(xml.Header)
	out.Write(text)
	out.WriteByte('\n')
	return nil
}

func (r Report) suite(row Row) suite {
	name := fmt.Sprintf("%s %s", plain.Line(row.Name), r.Protocol)
	s := suite{Name: name}
	var took time.Duration
	if row.Failure != "" {
		s.Errors++
		s.Cases = append(s.Cases, testcase{Class: name, Name: "start", Time: "0.000", Error: &reason{plain.Line(row.Failure)}})
	}
	for i, result := range row.Results {
		took += result.Took
		c := testcase{Class: name, Name: result.Clause + " " + r.Clauses[i].Title, Time: seconds(result.Took)}
		why := &reason{plain.Line(result.Reason)}
		switch result.Verdict {
		case contract.Broken:
			s.Failures++
			for _, f := range result.Findings {
				c.Failure = append(c.Failure, reason{plain.Line(f.String())})
			}
		case contract.Skipped:
			s.Skipped++
			c.Skipped = why
		case contract.Unknown:
			s.Errors++
			c.Error = why
		}
		s.Cases = append(s.Cases, c)
	}
	s.Tests, s.Time = len(s.Cases), seconds(took)
	return s
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
