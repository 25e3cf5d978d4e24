// Shapes, element types, devices and generators are part of what a tensor shows.
@_exported import YuyanBackend
