import CEventLoop
import CPlacement

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Puts the threads of this process where a measurement wants them: the server's loop on a core of its own, the workers and
/// the load on the others. Does nothing on a machine with one core.
enum Placement {
    /// - Parameters:
    ///   - server: Name of the server's loop.
    ///   - echoes: Name of the loop whose clients measure; it goes before the others of its core, if this process may say so.
    ///   - storm: Name of the loop that makes the load: what it takes is not to be the measuring client's, so its thread is
    ///     scheduled as any other and not as an event loop's.
    static func arrange(server: String, echoes: String, storm: String) {
        let cores = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        guard cores > 1 else { return }
        for (thread, name) in threads() {
            _ = placement_allow(thread, Int32(cores), name == server)
            // PRIO_PROCESS, whose type differs between C libraries; on Linux it concerns one thread.
            if name == echoes { setpriority(0, id_t(thread), -20) }
            if name == storm { el_thread_ask_for_slices(thread, 0) }
        }
    }

    private static func threads() -> [(pid_t, String)] {
        guard let folder = unsafe opendir("/proc/self/task") else { return [] }
        defer { unsafe closedir(folder) }
        var found: [(pid_t, String)] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            guard let thread = pid_t(name) else { continue }
            found.append((thread, comm(thread)))
        }
        return found
    }

    private static func comm(_ thread: pid_t) -> String {
        guard let file = unsafe fopen("/proc/self/task/\(thread)/comm", "r") else { return "" }
        defer { unsafe fclose(file) }
        var line = [CChar](repeating: 0, count: 64)
        guard unsafe fgets(&line, 64, file) != nil else { return "" }
        return String(decoding: line.prefix { $0 != 10 && $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
