-- How many cars come and go in each hour, how many came by the road, and how full is the lot?
-- hour begins the hour; begun and ended: sessions; from_road: those of the begun whose plate a vehicle on the road reported
-- in the 10 minutes before; parked: cars in the lot at the end of the hour. Hours without a change are left out.
WITH stays AS (
    SELECT
        session_id,
        license_plate,
        CAST(start_time AS TIMESTAMP) AS began,
        CASE WHEN status <> 'ACTIVE' THEN CAST(end_time AS TIMESTAMP) END AS ended
    FROM sessions
),

sightings AS (
    SELECT
        license_plate,
        CAST(event_time AS TIMESTAMP) AS seen
    FROM vehicle
    WHERE license_plate IS NOT NULL
),

arrivals AS (
    SELECT DISTINCT stays.session_id
    FROM stays
    INNER JOIN sightings ON stays.license_plate = sightings.license_plate
    WHERE sightings.seen BETWEEN stays.began - INTERVAL '10' MINUTE AND stays.began
),

changes AS (
    SELECT
        DATE_TRUNC('hour', stays.began) AS hour,
        1 AS begun,
        0 AS ended,
        CASE WHEN arrivals.session_id IS NULL THEN 0 ELSE 1 END AS from_road
    FROM stays
    LEFT JOIN arrivals ON stays.session_id = arrivals.session_id
    UNION ALL
    SELECT
        DATE_TRUNC('hour', ended) AS hour,
        0 AS begun,
        1 AS ended,
        0 AS from_road
    FROM stays
    WHERE ended IS NOT NULL
),

hours AS (
    SELECT
        hour,
        SUM(begun) AS begun,
        SUM(ended) AS ended,
        SUM(from_road) AS from_road
    FROM changes
    GROUP BY hour
)

SELECT
    hour,
    CAST(begun AS BIGINT) AS begun,
    CAST(from_road AS BIGINT) AS from_road,
    CAST(ended AS BIGINT) AS ended,
    CAST(SUM(begun - ended) OVER (ORDER BY hour) AS BIGINT) AS parked
FROM hours
ORDER BY hour
