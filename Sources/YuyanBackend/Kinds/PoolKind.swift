/// What `Backend.pool` gives.
package struct Pooled {
    package let output: DeviceBuffer
    /// What `poolGradient` needs to find the largest elements again; nil for the average.
    package let workspace: DeviceBuffer?
}
