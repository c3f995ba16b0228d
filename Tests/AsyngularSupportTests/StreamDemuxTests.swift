import Testing

@testable import AsyngularSupport

@Suite("StreamDemux", .timeLimit(.minutes(1)))
struct StreamDemuxTests {
    @Test("Every stream gets every element emitted after it was made")
    func fanOut() async throws {
        let demux = StreamDemux<Int>()
        #expect(demux.emit(0) == 0)
        let first = demux.stream(bufferLimit: 10)
        #expect(demux.emit(1) == 1)
        let second = demux.stream(bufferLimit: 10)
        #expect(demux.emit(2) == 2)
        demux.finish()
        var seen: [[Int]] = [[], []]
        for await element in first { seen[0].append(element) }
        for await element in second { seen[1].append(element) }
        #expect(seen == [[1, 2], [2]])
    }

    @Test("A full stream refuses for itself only")
    func full() async throws {
        let demux = StreamDemux<Int>()
        let small = demux.stream(bufferLimit: 1)
        let large = demux.stream(bufferLimit: 10)
        #expect(demux.emit(1) == 2)
        #expect(demux.emit(2) == 1)
        #expect(small.dropped == 1)
        #expect(large.dropped == 0)
        #expect(try await small.once() == 1)
        #expect(demux.emit(3) == 2)
        #expect(try await small.once() == 3)
    }

    @Test("A stream that is let go of is taken out, and the last one tells")
    func release() async {
        let demux = StreamDemux<Int>()
        await confirmation(expectedCount: 1) { emptied in
            var first: AGStream<Int>? = demux.stream(bufferLimit: 1) { emptied() }
            var second: AGStream<Int>? = demux.stream(bufferLimit: 1) { emptied() }
            #expect(demux.hasConsumers)
            withExtendedLifetime((first, second)) {}
            first = nil
            #expect(demux.hasConsumers)
            var iterator = second?.makeAsyncIterator()
            second = nil
            // The iterator keeps it.
            #expect(demux.emit(5) == 1)
            #expect(await iterator?.next() == 5)
            iterator = nil
            #expect(!demux.hasConsumers)
        }
        #expect(demux.emit(6) == 0)
    }

    @Test("A stream made after the end has ended")
    func finished() async {
        let demux = StreamDemux<Int>()
        demux.finish()
        for await _ in demux.stream(bufferLimit: 1) { Issue.record("an element after the end") }
        #expect(demux.emit(1) == 0)
    }
}
