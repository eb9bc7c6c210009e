package plain

import (
	"os/exec"
	"testing"
)

func TestShellWord(t *testing.T) {
	shells := []string{"sh"}
	if bash, err := exec.LookPath("bash"); err == nil {
		shells = append(shells, bash)
	}
	for _, word := range []string{"", "a", "a b", "it's", "$HOME", "`x`", "a\nb", "*", "~", "{a,b}", "{1..3}", "é", `\`, "#", "-x=1", "{addr}", "a{b}c", "{{.ID}}", "{a},{b}", "a\n"} {
		for _, shell := range shells {
			out, err := exec.Command(shell, "-c", "printf %s "+ShellWord(word)).Output()
			if err != nil || string(out) != word {
				t.Errorf("%s: %q: %v, %q", shell, word, err, out)
			}
		}
	}
	for word, want := range map[string]string{"{addr}": "{addr}", "--addr={addr}": "--addr={addr}", "{{.ID}}": "'{{.ID}}'"} {
		if got := ShellWord(word); got != want {
			t.Errorf("%s: %s; want %s", word, got, want)
		}
	}
}
