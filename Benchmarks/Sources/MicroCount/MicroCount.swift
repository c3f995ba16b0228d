import CAllocationMeter
import CCallgrind
import MicroOperations

/// Runs each operation so that callgrind can count its instructions: once `n` times and once `2 n` times, as two dumps whose
/// difference is free of what surrounds them. Without callgrind it prints allocations.
@main
enum MicroCount {
    static func main() {
        let names = CommandLine.arguments.dropFirst()
        for operation in MicroOperation.all
        where names.isEmpty || names.contains(where: { operation.name.contains($0) }) {
            let count = operation.name.contains("verify") ? 20 : 500
            // Caches, lazy globals, and the first growth of buffers.
            _ = operation.run(count)
            guard callgrind_is_counting() else {
                print("\(operation.name): \(operation.run(count)) allocations in \(count)")
                continue
            }
            for times in [1, 2] {
                callgrind_begin()
                _ = operation.run(count * times)
                unsafe callgrind_end("\(operation.name)|\(count * times)")
            }
        }
    }
}
