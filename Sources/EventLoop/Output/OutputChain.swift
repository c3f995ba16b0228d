import CEventLoop

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Output in order, as a chain of blocks. Owns its blocks, but needs the pool to give them back: whoever holds a chain
/// empties it before letting go.
@usableFromInline
@frozen
@safe
struct OutputChain {
    @usableFromInline typealias Block = UnsafeMutablePointer<OutputBlock>

    @usableFromInline var head: Block?
    @usableFromInline var tail: Block?
    /// Bytes not sent yet.
    @usableFromInline var count = 0

    /// Whether there is a block to give back, with or without bytes.
    var hasBlocks: Bool { unsafe head != nil }

    init() {
        unsafe head = nil
        unsafe tail = nil
    }

    /// Room for `count` bytes at the end.
    mutating func reserve(_ count: Int, pool: inout OutputPool) -> UnsafeMutableRawPointer {
        if let tail = unsafe tail, unsafe tail.pointee.capacity &- tail.pointee.end >= count {
            return unsafe tail.pointee.bytes + tail.pointee.end
        }
        let block = unsafe pool.take(atLeast: count, preferSmall: self.count <= OutputPool.smallSize)
        unsafe link(block)
        return unsafe block.pointee.bytes
    }

    /// Counts bytes written to the room last reserved.
    mutating func commit(_ written: Int) {
        guard let tail = unsafe tail else { return }
        unsafe tail.pointee.end &+= written
        count &+= written
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer, pool: inout OutputPool) {
        guard let start = bytes.baseAddress, bytes.count > 0 else { return }
        var done = 0
        // What fits goes to the present block, the rest to a new one.
        if let tail = unsafe tail {
            let room = unsafe min(tail.pointee.capacity - tail.pointee.end, bytes.count)
            if room > 0 {
                unsafe (tail.pointee.bytes + tail.pointee.end).copyMemory(from: start, byteCount: room)
                commit(room)
                done = room
            }
        }
        let rest = bytes.count - done
        guard rest > 0 else { return }
        unsafe reserve(rest, pool: &pool).copyMemory(from: start + done, byteCount: rest)
        commit(rest)
    }

    mutating func append(_ shared: SharedBytes, pool: inout OutputPool) {
        guard shared.count > 0 else { return }
        unsafe link(pool.take(shared))
        count &+= shared.count
    }

    /// Describes the front of the chain to the kernel.
    func fill(_ vectors: UnsafeMutableBufferPointer<iovec>) -> (vectors: Int, bytes: Int) {
        var used = 0
        var total = 0
        var next = unsafe head
        while let block = unsafe next, used < vectors.count {
            let length = unsafe block.pointee.end - block.pointee.start
            if length > 0 {
                unsafe vectors[used] = iovec(iov_base: block.pointee.bytes + block.pointee.start, iov_len: length)
                used += 1
                total += length
            }
            unsafe next = block.pointee.next
        }
        return (used, total)
    }

    /// The front block's bytes, for a filter to transform.
    var front: UnsafeRawBufferPointer? {
        var next = unsafe head
        while let block = unsafe next {
            if unsafe block.pointee.end > block.pointee.start {
                return unsafe UnsafeRawBufferPointer(
                    start: block.pointee.bytes + block.pointee.start,
                    count: block.pointee.end - block.pointee.start
                )
            }
            unsafe next = block.pointee.next
        }
        return nil
    }

    /// Drops `sent` bytes from the front, and every block that becomes empty.
    mutating func consume(_ sent: Int, pool: inout OutputPool) {
        count &-= sent
        var rest = sent
        while let block = unsafe head {
            let length = unsafe block.pointee.end - block.pointee.start
            guard rest >= length else {
                unsafe block.pointee.start += rest
                return
            }
            rest -= length
            unsafe head = block.pointee.next
            unsafe pool.give(block)
        }
        unsafe tail = nil
    }

    mutating func removeAll(pool: inout OutputPool) {
        while let block = unsafe head {
            unsafe head = block.pointee.next
            unsafe pool.give(block)
        }
        unsafe tail = nil
        count = 0
    }

    private mutating func link(_ block: Block) {
        if let tail = unsafe tail {
            unsafe tail.pointee.next = block
        } else {
            unsafe head = block
        }
        unsafe tail = block
    }
}
