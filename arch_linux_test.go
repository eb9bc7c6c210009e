package c1m

import (
	"go/ast"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"c1m/internal/workload"
)

// A flag of the workload reaches servers and replicas through its table alone,
// so that one more is an entry there and its use: nothing else spells it as an
// argument.
func TestWorkloadArgumentsComeFromTheTable(t *testing.T) {
	args := make(map[string]bool)
	for _, f := range workload.Flags(workload.Client | workload.Server | workload.Run) {
		arg := "--" + f.Name
		if !f.Switch() {
			arg += "="
		}
		args[arg] = true
	}
	for _, s := range sources(t) {
		ast.Inspect(s.file, func(n ast.Node) bool {
			literal, ok := n.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			text, _ := strconv.Unquote(literal.Value)
			name, _, valued := strings.Cut(text, "=")
			if valued {
				name += "="
			}
			if args[name] {
				t.Errorf("%s spells the argument %s, which internal/workload makes", s.name, text)
			}
			return true
		})
	}
}
