package load

// queue is a ring of connections. Each is in it at most once.
type queue struct {
	slots  []uint32
	head   int
	length int
}

func (q *queue) push(slot uint32) {
	q.slots[(q.head+q.length)%len(q.slots)] = slot
	q.length++
}

func (q *queue) pop() uint32 {
	slot := q.slots[q.head]
	q.head = (q.head + 1) % len(q.slots)
	q.length--
	return slot
}
