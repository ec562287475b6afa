-- What happened on the road, who reported it, and how much time did it cost?
-- An incident is active from its first report as Active to its last. Speeds (km/h) are those measured within 500 m of it:
-- speed_active while it was active, speed_otherwise in the 30 minutes before and after; records_… are their numbers.
-- delay: seconds that a kilometre took longer. resolved: first report as such, none yet if NULL.
WITH reports AS (
    SELECT
        incident_id,
        device_id,
        type,
        latitude,
        longitude,
        CASE WHEN status = 'Active' THEN CAST(event_time AS TIMESTAMP) END AS active,
        CASE WHEN status = 'Resolved' THEN CAST(event_time AS TIMESTAMP) END AS resolved
    FROM emergency
    WHERE type <> 'None'
),

incidents AS (
    SELECT
        incident_id,
        MIN(type) AS type,
        AVG(latitude) AS latitude,
        AVG(longitude) AS longitude,
        MIN(active) AS first_reported,
        MAX(active) AS last_reported,
        MIN(resolved) AS resolved,
        COUNT(DISTINCT device_id) AS reporters
    FROM reports
    GROUP BY incident_id
    HAVING COUNT(active) > 0
),

-- Incidents meet positions by cells of 0.01 degree, so that an engine can join by equality: no position is compared
-- with an incident of another place. Beyond 63 degrees north or south these cells are narrower than 500 m.
cells AS (
    SELECT
        incidents.incident_id,
        incidents.latitude,
        incidents.longitude,
        incidents.first_reported,
        incidents.last_reported,
        CAST(FLOOR(incidents.latitude * 100) AS BIGINT) + north.step AS north_cell,
        CAST(FLOOR(incidents.longitude * 100) AS BIGINT) + east.step AS east_cell
    FROM incidents
    CROSS JOIN (VALUES (-1), (0), (1)) AS north (step)
    CROSS JOIN (VALUES (-1), (0), (1)) AS east (step)
),

positions AS (
    SELECT
        latitude,
        longitude,
        speed,
        CAST(event_time AS TIMESTAMP) AS seen,
        CAST(FLOOR(latitude * 100) AS BIGINT) AS north_cell,
        CAST(FLOOR(longitude * 100) AS BIGINT) AS east_cell
    FROM gps
),

near AS (
    SELECT
        cells.incident_id,
        CASE WHEN positions.seen BETWEEN cells.first_reported AND cells.last_reported THEN positions.speed END AS active,
        CASE WHEN positions.seen BETWEEN cells.first_reported AND cells.last_reported THEN NULL ELSE positions.speed END
            AS otherwise
    FROM cells
    INNER JOIN positions ON cells.north_cell = positions.north_cell AND cells.east_cell = positions.east_cell
    WHERE
        positions.seen BETWEEN cells.first_reported - INTERVAL '30' MINUTE AND cells.last_reported + INTERVAL '30' MINUTE
        AND 2 * 6371 * ASIN(SQRT(LEAST(
            1,
            POWER(SIN(RADIANS(positions.latitude - cells.latitude) / 2), 2)
            + COS(RADIANS(positions.latitude)) * COS(RADIANS(cells.latitude))
            * POWER(SIN(RADIANS(positions.longitude - cells.longitude) / 2), 2)
        ))) <= 0.5
),

speeds AS (
    SELECT
        incident_id,
        AVG(active) AS speed_active,
        AVG(otherwise) AS speed_otherwise,
        COUNT(active) AS records_active,
        COUNT(otherwise) AS records_otherwise
    FROM near
    GROUP BY incident_id
)

SELECT
    incidents.incident_id,
    incidents.type,
    incidents.latitude,
    incidents.longitude,
    incidents.first_reported,
    incidents.last_reported,
    incidents.resolved,
    incidents.reporters,
    speeds.speed_active,
    speeds.speed_otherwise,
    3600 / NULLIF(speeds.speed_active, 0) - 3600 / NULLIF(speeds.speed_otherwise, 0) AS delay,
    COALESCE(speeds.records_active, 0) AS records_active,
    COALESCE(speeds.records_otherwise, 0) AS records_otherwise
FROM incidents
LEFT JOIN speeds ON incidents.incident_id = speeds.incident_id
ORDER BY incidents.first_reported, incidents.incident_id
