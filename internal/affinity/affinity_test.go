//go:build linux

package affinity

import (
	"runtime"
	"slices"
	"testing"
)

func TestSet(t *testing.T) {
	runtime.LockOSThread() // never unlocked: the thread ends with the test
	before, err := Get()
	if err != nil || len(before) == 0 {
		t.Fatalf("%v, %v", before, err)
	}
	if !slices.Equal(CPUs(), before) {
		t.Errorf("CPUs are %v, Get is %v", CPUs(), before)
	}
	last := before[len(before)-1]
	if err := Set(last); err != nil {
		t.Fatal(err)
	}
	if got, err := Get(); err != nil || !slices.Equal(got, []int{last}) {
		t.Errorf("after Set(%d): %v, %v", last, got, err)
	}
	if err := Set(before...); err != nil {
		t.Fatal(err)
	}
	if got, err := Get(); err != nil || !slices.Equal(got, before) {
		t.Errorf("set back to %v: %v, %v", before, got, err)
	}
	if err := Set(); err == nil {
		t.Error("a thread without a processor")
	}
}
