import Foundation
import Yuyan

/// Recorded steps in the Trace Event Format, which chrome://tracing and ui.perfetto.dev show: phases, in them layers,
/// in them kernels.
struct ChromeTrace: Encodable {
    /// A span ("X") or a name for the process ("M"). Times in microseconds.
    struct Event: Encodable {
        var name: String
        var cat: String
        var ph = "X"
        var ts = 0.0
        var dur: Double?
        var pid = 1
        var tid = 1
        var args: [String: String] = [:]
    }

    var displayTimeUnit = "ns"
    var traceEvents: [Event]

    init(_ events: [ProfileEvent], model: String) {
        traceEvents = [Event(name: "process_name", cat: "__metadata", ph: "M", args: ["name": "yuyan \(model)"])]
        func append(_ name: String, _ category: String, _ start: Int, _ duration: Int, _ arguments: [String: String]) {
            traceEvents.append(
                Event(
                    name: name, cat: category, ts: Double(start) / 1e3, dur: Double(duration) / 1e3, args: arguments))
        }
        // Neighbours of one module are its layer's span.
        var layer: (scope: String, phase: String, start: Int, end: Int)?
        func closeLayer() {
            if let layer { append(layer.scope, "layer", layer.start, layer.end - layer.start, ["phase": layer.phase]) }
            layer = nil
        }
        for event in events.sorted(by: { $0.start < $1.start }) {
            let end = event.start + event.duration
            guard event.kind == .kernel else {
                closeLayer()
                append(event.name, "phase", event.start, event.duration, [:])
                continue
            }
            if layer?.scope == event.scope, layer?.phase == event.phase {
                layer?.end = end
            } else {
                closeLayer()
                layer = (event.scope, event.phase, event.start, end)
            }
            append(
                event.name, "kernel", event.start, event.duration,
                [
                    "shapes": event.shapes, "computed by": event.implementation, "bytes": "\(event.bytes)",
                    "operations": "\(event.operations)",
                    "reorders": event.reorders.map(\.description).joined(separator: "; "),
                    "no fast path": event.slowPath?.rawValue ?? "",
                    "GFLOP/s": String(format: "%.1f", Double(event.operations) / Double(max(event.duration, 1))),
                ])
        }
        closeLayer()
    }

    func write(to url: URL) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data = try encoder.encode(self)
        try Files.write(url) { try $0.write(contentsOf: data + Data("\n".utf8)) }
    }
}
