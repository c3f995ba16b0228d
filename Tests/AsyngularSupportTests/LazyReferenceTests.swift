import Synchronization
import Testing

@testable import AsyngularSupport

@Suite
struct LazyReferenceTests {
    private final class Counted: Sendable {
        let released: @Sendable () -> Void

        init(_ released: @escaping @Sendable () -> Void) {
            self.released = released
        }

        deinit { released() }
    }

    @Test("the first object stays, whoever else brings one, and is released once")
    func first() {
        let released = Released()
        do {
            let reference = LazyReference<Counted>()
            #expect(reference.current == nil)
            let first = Counted { released.add(1) }
            #expect(reference.storeIfNil(first) === first)
            #expect(reference.storeIfNil(Counted { released.add(2) }) === first)
            #expect(released.values == [2])
            #expect(reference.current === first)
        }
        #expect(released.values == [2, 1])
    }

    @Test("of many threads that make one at once all get the same")
    func race() async {
        for _ in 0..<100 {
            let holder = Holder()
            let ids = await withTaskGroup(of: ObjectIdentifier.self) { group in
                for _ in 0..<8 {
                    group.addTask { ObjectIdentifier(holder.reference.storeIfNil(Counted {})) }
                }
                return await group.reduce(into: Set<ObjectIdentifier>()) { $0.insert($1) }
            }
            #expect(ids.count == 1)
            #expect(holder.reference.current.map { ObjectIdentifier($0) } == ids.first)
        }
    }

    private final class Holder: Sendable {
        let reference = LazyReference<Counted>()
    }

    private final class Released: Sendable {
        private let state = Mutex<[Int]>([])
        var values: [Int] { state.withLock { $0 } }
        func add(_ value: Int) { state.withLock { $0.append(value) } }
    }
}
