import CCallgrind
import MicroOperations

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Runs each operation so that callgrind can count its instructions: once `n` times and once `3 n` times, as two dumps whose
/// difference is free of what surrounds them. Without callgrind it prints allocations.
@main
enum MicroCount {
    static func main() {
        let names = CommandLine.arguments.dropFirst()
        let all = MicroOperation.all
        // The event loops have begun by now, and their threads come to rest before the first count.
        sleep(1)
        for operation in all
        where names.isEmpty || names.contains(where: { operation.name.contains($0) }) {
            let count = operation.name.contains("verify") ? 20 : 1000
            // Caches, lazy globals, and the first growth of buffers.
            _ = operation.run(count)
            guard callgrind_is_counting() else {
                print("\(operation.name): \(operation.run(count)) allocations in \(count)")
                continue
            }
            for times in [1, 3] {
                let name = "\(operation.name)|\(count * times)"
                let counter = MicroOperation.Counter(
                    begin: { callgrind_begin() },
                    end: { unsafe callgrind_end(name) }
                )
                _ = operation.run(count * times, counter: counter)
            }
        }
    }
}
