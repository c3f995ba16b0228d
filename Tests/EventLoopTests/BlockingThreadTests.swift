import Testing

@testable import EventLoop

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@Suite(.timeLimit(.minutes(1)))
struct BlockingThreadTests {
    @Test("runs a closure once, on a thread of its own with a name, and lets go of it")
    func runs() async {
        final class Token: Sendable {}
        let names = EventQueue<String>()
        weak var token: Token?
        do {
            let held = Token()
            token = held
            let isStarted = BlockingThread.run(name: "a name of more than 15 bytes") {
                withExtendedLifetime(held) {}
                guard let file = unsafe fopen("/proc/thread-self/comm", "r") else { return names.append("") }
                var name = [CChar](repeating: 0, count: 32)
                unsafe fgets(&name, 32, file)
                unsafe fclose(file)
                names.append(String(decoding: name.prefix { $0 > 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
            }
            #expect(isStarted)
        }
        #expect(await names.next() == "a name of more ")
        while token != nil { await Task.yield() }
        #expect(names.remaining.isEmpty)
    }
}
