import EventLoop
import Testing

@testable import AsyngularClient

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@Suite("NameResolver", .timeLimit(.minutes(1)))
struct NameResolverTests {
    /// A system that answers when the test lets it.
    private final class System: Sendable {
        let asked = EventQueue<String>()
        let isOpen = Locked(false)

        func resolver(threads: Int, names: Int = 100) -> NameResolver {
            NameResolver(maximumThreads: threads, maximumNames: names) { host, port in
                self.asked.append(host)
                while !self.isOpen.value { sched_yield() }
                return .success([.ip(host: "127.0.0.1", port: Int(port))])
            }
        }
    }

    @Test("Who asks for the same name shares the answer")
    func shared() async {
        let system = System()
        let resolver = system.resolver(threads: 2)
        let answers = EventQueue<NameResolver.Answer>()
        for _ in 0..<100 { resolver.resolve("a", port: 1) { answers.append($0) } }
        resolver.resolve("a", port: 2) { answers.append($0) }
        #expect(resolver.pendingNames == 2)
        system.isOpen.change { $0 = true }
        var ports: [Int: Int] = [:]
        for _ in 0..<101 {
            guard case .success(let found) = await answers.next(), case .ip("127.0.0.1", let port)? = found.first else {
                Issue.record("no address")
                return
            }
            ports[port, default: 0] += 1
        }
        #expect(ports == [1: 100, 2: 1])
        #expect(system.asked.remaining.count == 2)
        #expect(resolver.pendingNames == 0)
    }

    @Test("No more threads and names than allowed")
    func limits() async {
        let system = System()
        let resolver = system.resolver(threads: 2, names: 5)
        let answers = EventQueue<NameResolver.Answer>()
        for name in ["a", "b", "c", "d", "e", "f"] { resolver.resolve(name, port: 1) { answers.append($0) } }
        guard case .failure(let error) = await answers.next() else {
            Issue.record("the sixth name was not refused")
            return
        }
        #expect(error.code == .nameNotResolved)
        _ = await (system.asked.next(), system.asked.next())
        #expect(system.asked.remaining.isEmpty)
        system.isOpen.change { $0 = true }
        for _ in 0..<5 { _ = await answers.next() }
        #expect(resolver.pendingNames == 0)
        // The threads have ended or are about to; others take their place.
        resolver.resolve("g", port: 1) { answers.append($0) }
        _ = await answers.next()
    }

    @Test("The system knows this machine, and not what cannot be")
    func system() throws {
        let found = try SystemNames.lookUp("localhost", port: 80).get()
        #expect(found.contains(.ip(host: "127.0.0.1", port: 80)) || found.contains(.ip(host: "::1", port: 80)))
        guard case .failure(let error) = SystemNames.lookUp("a..b", port: 80) else {
            Issue.record("found")
            return
        }
        #expect(error.code == .nameNotResolved)
    }

    @Test("Numeric addresses are no names", arguments: ["127.0.0.1", "::1", "fe80::1%lo"])
    func numeric(_ host: String) {
        #expect(SystemNames.numeric(host, port: 7) == .ip(host: host, port: 7))
    }

    @Test("Names are no addresses", arguments: ["localhost", "127.1", "a", "1.2.3.4.5", "::g", ""])
    func notNumeric(_ host: String) {
        #expect(SystemNames.numeric(host, port: 7) == nil)
    }
}
