import SocketProtocol
import Testing

@testable import AsyngularSupport

@Suite("AGStream", .timeLimit(.minutes(1)))
struct AGStreamTests {
    @Test("once() waits for the next element, in time or without limit", arguments: [nil, Duration.seconds(30)])
    func once(_ timeout: Duration?) async throws {
        let demux = StreamDemux<Int>()
        let stream = demux.stream(bufferLimit: 10)
        let first = Task { try await stream.once(timeout: timeout) }
        demux.emit(1)
        #expect(try await first.value == 1)
        demux.emit(2)
        demux.emit(3)
        #expect(try await stream.once(timeout: timeout) == 2)
        #expect(try await stream.once(timeout: timeout) == 3)
    }

    @Test("once() in vain")
    func timeout() async throws {
        let demux = StreamDemux<Int>()
        let stream = demux.stream(bufferLimit: 10)
        let error = await #expect(throws: AGError.self) { try await stream.once(timeout: .milliseconds(10)) }
        #expect(error?.name == "TimeoutError")
        // The reader is gone: the next element is still there for the next one.
        demux.emit(1)
        #expect(try await stream.once(timeout: .seconds(30)) == 1)
    }

    @Test("once() at the end", arguments: [nil, Duration.seconds(30)])
    func end(_ timeout: Duration?) async {
        let demux = StreamDemux<Int>()
        let stream = demux.stream(bufferLimit: 10)
        let waiting = Task { try await stream.once(timeout: timeout) }
        demux.finish()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        await #expect(throws: CancellationError.self) { try await stream.once(timeout: timeout) }
    }

    @Test("Cancelling the reading task ends its loop, not the stream")
    func cancellation() async throws {
        let demux = StreamDemux<Int>()
        let stream = demux.stream(bufferLimit: 10)
        let reader = Task {
            var count = 0
            for await _ in stream { count += 1 }
            return count
        }
        reader.cancel()
        #expect(await reader.value == 0)
        demux.emit(1)
        #expect(try await stream.once() == 1)
    }

    @Test("Two tasks share a stream's elements")
    func shared() async throws {
        let demux = StreamDemux<Int>()
        let stream = demux.stream(bufferLimit: 10)
        async let first = stream.once()
        async let second = stream.once()
        demux.emit(1)
        demux.emit(2)
        #expect(try await [first, second].sorted() == [1, 2])
    }

    @Test("An actor's loop stays on the actor")
    func isolation() async {
        actor Reader {
            var sum = 0

            func read(_ stream: AGStream<Int>) async {
                for await element in stream {
                    preconditionIsolated()
                    sum += element
                }
            }
        }
        let demux = StreamDemux<Int>()
        let stream = demux.stream(bufferLimit: 10)
        let reader = Reader()
        async let done: Void = reader.read(stream)
        for element in 1...4 { demux.emit(element) }
        demux.finish()
        await done
        #expect(await reader.sum == 10)
    }
}
