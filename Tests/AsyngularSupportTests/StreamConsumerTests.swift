import Testing

@testable import AsyngularSupport

@Suite("StreamConsumer", .timeLimit(.minutes(1)))
struct StreamConsumerTests {
    @Test("Buffers up to its limit, then refuses")
    func limit() async {
        let consumer = StreamConsumer<Int>(limit: 2)
        #expect(consumer.offer(1))
        #expect(consumer.offer(2))
        #expect(!consumer.offer(3))
        #expect(consumer.dropped == 1)
        #expect(await consumer.next(isolation: nil) == 1)
        #expect(consumer.offer(4))
        #expect(await consumer.next(isolation: nil) == 2)
        #expect(await consumer.next(isolation: nil) == 4)
    }

    @Test("What is buffered can be read after the end")
    func finish() async {
        let consumer = StreamConsumer<Int>(limit: 2)
        consumer.offer(1)
        consumer.finish()
        #expect(!consumer.offer(2))
        #expect(await consumer.next(isolation: nil) == 1)
        #expect(await consumer.next(isolation: nil) == nil)
        #expect(await consumer.next(isolation: nil) == nil)
    }

    @Test("Many readers and writers: each element once, none lost", arguments: [1, 2, 8])
    func readers(_ count: Int) async {
        let consumer = StreamConsumer<Int>(limit: 10_000)
        let seen = await withTaskGroup(of: [Int].self) { group in
            for _ in 0..<count {
                group.addTask {
                    var own: [Int] = []
                    while let element = await consumer.next(isolation: nil) { own.append(element) }
                    return own
                }
            }
            await withTaskGroup(of: Void.self) { writers in
                for writer in 0..<4 {
                    writers.addTask {
                        for number in 0..<500 {
                            let accepted = consumer.offer(writer * 500 + number)
                            #expect(accepted)
                        }
                    }
                }
            }
            consumer.finish()
            var all: [Int] = []
            for await own in group { all += own }
            return all
        }
        #expect(seen.sorted() == Array(0..<2000))
    }

    private static func wait(until count: Int, waitFor consumer: StreamConsumer<Int>) async {
        while consumer.waiting != count, !Task.isCancelled { await Task.yield() }
    }

    @Test("Readers that wait are served in turn, and all told of the end")
    func turns() async {
        let consumer = StreamConsumer<Int>(limit: 10)
        var readers: [Task<Int?, Never>] = []
        for count in 1...4 {
            readers.append(Task { await consumer.next(isolation: nil) })
            await Self.wait(until: count, waitFor: consumer)
        }
        consumer.offer(1)
        consumer.offer(2)
        #expect(await readers[0].value == 1)
        #expect(await readers[1].value == 2)
        consumer.finish()
        #expect(await readers[2].value == nil)
        #expect(await readers[3].value == nil)
    }

    @Test("A cancelled reader ends; the others go on")
    func cancellation() async {
        let consumer = StreamConsumer<Int>(limit: 10)
        let cancelled = Task { await consumer.next(isolation: nil) }
        await Self.wait(until: 1, waitFor: consumer)
        let other = Task { await consumer.next(isolation: nil) }
        await Self.wait(until: 2, waitFor: consumer)
        cancelled.cancel()
        #expect(await cancelled.value == nil)
        consumer.offer(7)
        #expect(await other.value == 7)
    }

    @Test("A reader that is cancelled before it reads gets nothing, and takes nothing away", arguments: 0..<50)
    func cancelledBefore(_: Int) async {
        let consumer = StreamConsumer<Int>(limit: 10)
        let reader = Task { await consumer.next(isolation: nil) }
        reader.cancel()
        consumer.offer(1)
        consumer.finish()
        // Whichever came first, the element is read once.
        let first = await reader.value
        let second = await consumer.next(isolation: nil)
        #expect([first, second].compactMap { $0 } == [1])
    }
}
