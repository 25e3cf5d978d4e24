import YuyanKernels

// The lists stand in yuyan_operations.h, which the kernels in C read too.

package typealias UnaryKind = yuyan_unary_kind
package typealias BinaryOperation = yuyan_binary_kind
package typealias ComparisonOperation = yuyan_comparison_kind
package typealias ReductionOperation = yuyan_reduction_kind
package typealias ArgReductionOperation = yuyan_arg_reduction_kind
package typealias ScanKind = yuyan_scan_kind
package typealias SoftmaxKind = yuyan_softmax_kind
package typealias PoolKind = yuyan_pool_kind
package typealias NormalizationKind = yuyan_normalization_kind
package typealias RecurrenceKind = yuyan_recurrence_kind
package typealias LossKind = yuyan_loss_kind
package typealias RandomKind = yuyan_random_kind
package typealias LinearAlgebraKind = yuyan_linear_algebra_kind
package typealias UpdateKind = yuyan_update_kind

/// A list of operations.
package protocol OperationKind: RawRepresentable<Int32>, Hashable {
    static var count: Int32 { get }
    /// Its name in the list.
    var name: String { get }
}

extension OperationKind {
    package static var all: [Self] { (0..<count).map { Self(rawValue: $0)! } }
}

extension UnaryKind: OperationKind {
    package static var count: Int32 { yuyan_unary_kind_count() }
    package var name: String { String(cString: yuyan_unary_kind_text(self)) }
}

extension BinaryOperation: OperationKind {
    package static var count: Int32 { yuyan_binary_kind_count() }
    package var name: String { String(cString: yuyan_binary_kind_text(self)) }
}

extension ComparisonOperation: OperationKind {
    package static var count: Int32 { yuyan_comparison_kind_count() }
    package var name: String { String(cString: yuyan_comparison_kind_text(self)) }
}

extension ReductionOperation: OperationKind {
    package static var count: Int32 { yuyan_reduction_kind_count() }
    package var name: String { String(cString: yuyan_reduction_kind_text(self)) }
}

extension ArgReductionOperation: OperationKind {
    package static var count: Int32 { yuyan_arg_reduction_kind_count() }
    package var name: String { String(cString: yuyan_arg_reduction_kind_text(self)) }
}

extension SoftmaxKind: OperationKind {
    package static var count: Int32 { yuyan_softmax_kind_count() }
    package var name: String { String(cString: yuyan_softmax_kind_text(self)) }
}

extension RandomKind: OperationKind {
    package static var count: Int32 { yuyan_random_kind_count() }
    package var name: String { String(cString: yuyan_random_kind_text(self)) }
}

extension UpdateKind: OperationKind {
    package static var count: Int32 { yuyan_update_kind_count() }
    package var name: String { String(cString: yuyan_update_kind_text(self)) }
}

extension DType {
    /// The type's code in C.
    @inline(__always) var code: yuyan_element_type {
        switch self {
        case .float32: .float32
        case .float64: .float64
        case .bfloat16: .bfloat16
        case .int32: .int32
        case .int64: .int64
        case .uint8: .uint8
        case .bool: .bool
        }
    }
}
