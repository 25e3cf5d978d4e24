import Foundation
import Yuyan

/// The numbers of single operations: microseconds and shapes by operation and number of elements.
struct OperationNumbers: Encodable {
    var microseconds: [String: [String: Double]] = [:]
    var shapes: [String: [String: [Int]]] = [:]

    init(_ timings: [OperationTiming]) {
        for timing in timings {
            microseconds[timing.name, default: [:]]["\(timing.elements)"] = timing.seconds * 1e6
            shapes[timing.name, default: [:]]["\(timing.elements)"] = Array(timing.resultShape)
        }
    }
}

extension OperationTiming {
    static var table: TextTable {
        TextTable([
            .init(localized("operation"), isNumber: false, width: 24), .init(localized("elements"), width: 10),
            .init("µs", width: 12), .init("GB/s", width: 8), .init("GFLOP/s", width: 8),
        ])
    }

    var cells: [String] {
        func rate(_ count: Int) -> String { String(format: "%.1f", Double(count) / seconds / 1e9) }
        return [
            name, NumberText.grouped(elements), String(format: seconds < 1e-4 ? "%.3f" : "%.1f", seconds * 1e6),
            operations == nil ? rate(bytes) : "", operations.map(rate) ?? "",
        ]
    }
}
