package html

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// In a browser the page has all its figures, sorts, hides a row, and says
// nothing on the console.
func TestInChromium(t *testing.T) {
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("NOT TESTED IN A BROWSER: chromium is not installed (Debian: apt-get install chromium)")
	}
	name := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(name, []byte(rendered(t, fixture(true))), 0o600); err != nil {
		t.Fatal(err)
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(path), chromedp.NoSandbox)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()

	var mu sync.Mutex
	var said []string
	err = chromedp.Listen(ctx, func(event any) {
		kind := fmt.Sprintf("%T", event)
		for _, loud := range []string{"ConsoleAPICalled", "ExceptionThrown", "EntryAdded"} {
			if strings.Contains(kind, loud) {
				mu.Lock()
				said = append(said, fmt.Sprintf("%s: %+v", kind, event))
				mu.Unlock()
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(390, 844), chromedp.Navigate("file://"+name)); err != nil {
		t.Fatal(err)
	}
	const column = `[...document.querySelectorAll("#numbers table.grid tbody tr")].map(r => r.cells[2].dataset.key * 1)`
	const click = `document.querySelectorAll("#numbers table.grid thead button")[2].click();`

	drawn := ask[[]bool](t, ctx, `[...document.querySelectorAll("figure svg")].map(s =>
		s.querySelector("title").textContent !== "" && [0, 1, 2].every(row => [...s.querySelectorAll("g[style*='--s" + row + "']")].some(g =>
			g.getBoundingClientRect().width > (s.closest(".ratios") ? 0 : 50) && getComputedStyle(g.firstChild).stroke.startsWith("rgb("))))`)
	if len(drawn) != 9 || slices.Contains(drawn, false) {
		t.Errorf("figures drawn: %v", drawn)
	}
	// Text that runs into other text, or out of its figure, cannot be read.
	for _, fault := range ask[[]string](t, ctx, `[...document.querySelectorAll("figure")].flatMap(f => {
		const frame = f.querySelector("svg").getBoundingClientRect();
		const texts = [...f.querySelectorAll("svg text")].map(e => [e.textContent, e.getBoundingClientRect()]);
		const outside = texts.filter(([, r]) => r.width === 0 || r.left < frame.left || r.right > frame.right || r.top < frame.top || r.bottom > frame.bottom);
		const across = texts.flatMap(([name, a], i) => texts.slice(i + 1)
			.filter(([, b]) => Math.min(a.right, b.right) > Math.max(a.left, b.left) && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 0.25 * a.height)
			.map(([other]) => name + " and " + other));
		return [...outside.map(([name]) => "outside: " + name), ...across].map(fault => f.id + ": " + fault);
	})`) {
		t.Error(fault)
	}
	if wide := ask[int](t, ctx, `document.documentElement.scrollWidth`); wide > 390 {
		t.Errorf("on a phone of 390 the page is %d wide", wide)
	}
	down, up := ask[[]float64](t, ctx, click+column), ask[[]float64](t, ctx, click+column)
	if len(up) != 6 || up[0] == up[5] || !slices.IsSorted(up) {
		t.Errorf("ascending: %v", up)
	}
	slices.Reverse(down)
	if !slices.IsSorted(down) || len(down) != 6 {
		t.Errorf("descending, backwards: %v", down)
	}
	hidden := ask[string](t, ctx, `document.querySelector(".legend button").click();
		getComputedStyle(document.querySelector("figure svg g[style*='--s0'] path")).stroke`)
	if hidden != "rgba(0, 0, 0, 0)" {
		t.Errorf("a hidden row is drawn in %q", hidden)
	}

	quiet := func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(said)
	}
	if quiet() > 0 {
		t.Errorf("on the console: %q", said)
	}
	// The silence above counts only if an error would have been heard.
	ask[bool](t, ctx, `console.error("heard"), true`)
	if quiet() == 0 {
		t.Error("an error on the console is not heard")
	}
}

// ask is the value of an expression in the page.
func ask[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatal(err)
	}
	return v
}
