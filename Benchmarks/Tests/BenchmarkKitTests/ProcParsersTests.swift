import BenchmarkKit
import Testing

struct ProcParsersTests {
    @Test func schedstat() {
        #expect(ProcParsers.schedstat("123456789 42 7\n") == 123_456_789)
        #expect(ProcParsers.schedstat("") == nil)
        #expect(ProcParsers.schedstat("x y z") == nil)
    }

    @Test func statOfACommandWithParentheses() {
        let text =
            "4242 (a) b (c)) S 1 4242 4242 0 -1 4194560 300 0 0 0 150 50 0 0 20 0 3 0 100 1000 200 18446744073709551615"
        #expect(ProcParsers.stat(text) == 2)
        #expect(ProcParsers.stat("4242 (cut") == nil)
        #expect(ProcParsers.stat("4242 (short) S 1 2") == nil)
    }

    @Test func smapsRollup() {
        let text = """
            55d433ebb000-7ffe4b6af000 ---p 00000000 00:00 0                          [rollup]
            Rss:                1608 kB
            Pss:                 405 kB
            Pss_Dirty:           112 kB

            """
        #expect(ProcParsers.kibibytes("Rss", in: text) == 1608 * 1024)
        #expect(ProcParsers.kibibytes("Pss", in: text) == 405 * 1024)
        #expect(ProcParsers.kibibytes("Swap", in: text) == nil)
    }

    @Test func processors() throws {
        let text = """
            cpu  300 0 100 1000 10 0 20 30 0 0
            cpu0 100 10 50 500 10 5 10 20 0 0
            cpu1 200 0 50 500 0 0 10 10 0 0
            intr 1 2 3
            ctxt 5
            """
        let times = ProcParsers.processors(text)
        #expect(times.count == 2)
        let first = try #require(times[0])
        #expect(abs(first.busy - 1.75) < 1e-9)
        #expect(abs(first.idle - 5.1) < 1e-9)
        #expect(abs(first.steal - 0.2) < 1e-9)
    }

    @Test func thisProcessCanBeRead() throws {
        // The loop is work that the clocks must see.
        let probe = ProcessProbe(
            pid: try #require(Int32(TextFile.read("/proc/self/stat")?.split(separator: " ").first ?? ""))
        )
        let before = probe.cpuSeconds()
        var sum: UInt64 = 1
        while probe.cpuSeconds() < before + 0.02 { for index in 0..<100_000 { sum = sum &* 31 &+ UInt64(index) } }
        #expect(sum != 0)
        let memory = try #require(probe.memory())
        #expect(memory.resident >= memory.proportional && memory.proportional > 0)
        #expect(!ProcessProbe(pid: Int32.max).isPresent)
    }

    @Test func theMachineIsDescribed() {
        let machine = MachineDescription.current()
        #expect(machine.processors >= 1)
        #expect(machine.memory > 0)
        #expect(machine.kernel.hasPrefix("Linux "))
    }
}
