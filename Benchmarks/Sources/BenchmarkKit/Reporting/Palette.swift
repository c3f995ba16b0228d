/// Colours that remain apart for most eyes and in grey.
enum Palette {
    static let series = ["#1f6feb", "#d9730d", "#2da44e", "#8250df", "#bf3989", "#57606a", "#0e8a8a", "#9a6700"]

    static func colour(_ index: Int) -> String { series[index % series.count] }
}
