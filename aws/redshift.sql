-- The lake as an external schema of Redshift. The role (output RedshiftRoleArn of lake.yaml) has to be attached to the
-- cluster, or to the namespace of Redshift Serverless, first. Nothing is copied: queries read the tables' files.
--
--   psql "$REDSHIFT" -v role=arn:aws:iam::123456789012:role/… -v database=central -f aws/redshift.sql
--
-- Elsewhere than in psql put the two in place of :'role' and :'database'.

CREATE EXTERNAL SCHEMA IF NOT EXISTS lake
FROM DATA CATALOG
DATABASE :'database'
IAM_ROLE :'role';

-- Tables of an external schema have no grants of their own: who may use the schema may read all of it. Nobody can
-- write, since the role cannot.
CREATE ROLE lake_reader;
GRANT USAGE ON SCHEMA lake TO ROLE lake_reader;
-- GRANT ROLE lake_reader TO "IAM:jane";

-- What the cars that parked run on, how long they stay and what they pay: sessions of the lot's cameras, joined by plate
-- with vehicles that were seen on the road in the last 30 days. An interval of time keeps Redshift from reading every
-- file of vehicle.
WITH cars AS (
    SELECT
        license_plate,
        MAX(fuel_type) AS fuel_type
    FROM lake.vehicle
    WHERE
        license_plate IS NOT NULL
        AND event_time >= DATEADD(DAY, -30, GETDATE())
    GROUP BY license_plate
)

SELECT
    cars.fuel_type,
    sessions.currency,
    COUNT(*) AS visits,
    AVG(sessions.duration) / 60 AS minutes,
    SUM(sessions.cost) AS paid
FROM lake.sessions AS sessions
INNER JOIN cars ON sessions.license_plate = cars.license_plate
WHERE sessions.status <> 'ACTIVE'
GROUP BY cars.fuel_type, sessions.currency
ORDER BY paid DESC;
