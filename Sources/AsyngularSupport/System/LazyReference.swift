import Synchronization

/// An object that is made when first asked for, by whatever thread.
///
/// `AtomicLazyReference` is the same, but the standard library's is not specialised here: each look at it took 500
/// instructions, and every event of a socket is such a look.
@usableFromInline
@safe
package struct LazyReference<Object: AnyObject & Sendable>: ~Copyable, @unchecked Sendable {
    /// Holds a reference once it is set, and is never changed again.
    @usableFromInline let reference: Atomic<UInt>

    @inlinable
    package init() {
        reference = Atomic(0)
    }

    /// The object; nil while there is none.
    @inlinable package var current: Object? {
        unsafe Self.object(reference.load(ordering: .acquiring))?.takeUnretainedValue()
    }

    /// - Returns: the object that is there now: `object`, or the one that was first.
    @inlinable
    package func storeIfNil(_ object: Object) -> Object {
        let own = unsafe Unmanaged.passRetained(object)
        let (isStored, present) = reference.compareExchange(
            expected: 0,
            desired: UInt(bitPattern: unsafe own.toOpaque()),
            successOrdering: .acquiringAndReleasing,
            failureOrdering: .acquiring
        )
        if isStored { return object }
        unsafe own.release()
        return unsafe Self.object(present)?.takeUnretainedValue() ?? object
    }

    @inlinable
    static func object(_ bits: UInt) -> Unmanaged<Object>? {
        unsafe UnsafeRawPointer(bitPattern: bits).map { unsafe Unmanaged<Object>.fromOpaque($0) }
    }

    @inlinable
    deinit {
        unsafe Self.object(reference.load(ordering: .relaxed))?.release()
    }
}
